"""How requests reach a server. `protocol` says what a transport is; the other modules are transports."""
