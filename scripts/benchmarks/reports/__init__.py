"""A report as a terminal table, as Markdown, and as the page of the migration guide."""
