"""Images for openai-core: images from words and from other images."""
