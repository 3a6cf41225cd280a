"""Writes the generated parts of openai-core from an OpenAPI description."""
