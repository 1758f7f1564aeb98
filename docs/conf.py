"""How the site looks; course_utils/building/site/make_site.py puts the pages together and calls Sphinx with this."""

from pathlib import Path

from course_utils.releasing import badges_and_colab

ROOT = Path(__file__).resolve().parents[1]
REPOSITORY = badges_and_colab.repository(ROOT)

project = "Activation functions, measured"
author = "the authors of the course"
language = "en"
extensions = ["myst_nb", "course_utils.building.site.mathml", "course_utils.building.site.long_names"]
exclude_patterns = ["README.md"]
suppress_warnings = ["myst.header"]  # a question's output stands where a heading could

nb_execution_mode = "off"
nb_ipywidgets_js = {}  # nothing from another server
nb_render_markdown_format = "myst"  # the gallery's tables
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["static"]
templates_path = ["templates"]
html_css_files = ["course.css", "exercise.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("elements.js", "course.js")]
html_context = {
    "default_mode": "auto"
}  # light or dark as the reader's system is; without it the theme reports an error
html_use_index = False
html_show_sphinx = False
html_show_copyright = False
html_sourcelink_suffix = ""
html_sidebars = {
    "**": ["search-button-field.html", "sbt-sidebar-nav.html"]
}  # the theme's logo stands outside of all landmarks
html_theme_options = {
    "repository_url": f"https://github.com/{REPOSITORY}",
    "repository_branch": badges_and_colab.BRANCH,
    "path_to_docs": "",
    "use_repository_button": True,
    "navbar_persistent": [],  # the search stands in the sidebar
    "show_toc_level": 2,
    "home_page_in_toc": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "footer_content_items": ["extra-footer.html"],
    "extra_footer": "Code: MIT. Text and figures: CC BY 4.0.",
}
