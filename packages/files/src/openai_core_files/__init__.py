"""Files for openai-core: upload, list, read and delete files."""
