"""Whether what this library sends and reads is what the API description says."""
