"""Responses and conversations for openai-core."""
