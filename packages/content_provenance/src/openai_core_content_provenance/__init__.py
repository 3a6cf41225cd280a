"""Content provenance for openai-core: whether a file was made by a model."""
