"""Handlers and the only writer."""

SOFTWARE = "xuncha 0.1.0"
