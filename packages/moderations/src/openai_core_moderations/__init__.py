"""Moderations for openai-core: whether a text or an image is harmful."""
