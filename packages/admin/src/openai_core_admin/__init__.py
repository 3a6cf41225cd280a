"""Administration for openai-core: an organization's projects, people, keys, limits and costs."""
