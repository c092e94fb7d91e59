"""Reports on checked documents: what they say, in text, Markdown and HTML."""
