"""`python -m course_utils.building.site` makes the site."""

import sys

from course_utils.building.site.make_site import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
