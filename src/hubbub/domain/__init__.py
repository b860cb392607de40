"""The chat itself, pure: names, texts, events, commands, replies, rules and errors."""
