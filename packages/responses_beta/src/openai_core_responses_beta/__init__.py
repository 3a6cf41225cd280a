"""Responses, beta for openai-core: responses with features that are being tried out."""
