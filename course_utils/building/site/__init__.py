"""`make site`: the chapters and exercises as a static site that needs no network."""
