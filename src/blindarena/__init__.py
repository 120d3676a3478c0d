"""BlindArena: your own Chatbot Arena."""

__version__ = "0.1.0"
