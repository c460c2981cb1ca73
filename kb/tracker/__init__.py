"""Facts drawn from passages by rules and the glossary: facets, measures, disputes, responses."""
