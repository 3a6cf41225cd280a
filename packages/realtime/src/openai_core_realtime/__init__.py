"""Realtime for openai-core: speech to speech, as it is spoken."""
