"""Embeddings for openai-core: texts as vectors."""
