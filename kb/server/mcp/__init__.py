"""The collection as tools and resources for AI assistants: the Model Context Protocol."""
