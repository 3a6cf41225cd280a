"""Audio for openai-core: speech from text, and text from speech."""
