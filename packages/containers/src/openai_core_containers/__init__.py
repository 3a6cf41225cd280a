"""Containers for openai-core: containers in which code of the model runs, and their files."""
