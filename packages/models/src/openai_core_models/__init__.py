"""Models for openai-core: the models that there are."""
