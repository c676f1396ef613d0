"""The HTTP surface: what is asked and answered, the routes, and the page at the root."""
