"""The settings: declared once, read from flags, environment and file, checked at the start."""

from hubbub.config.settings import Settings
from hubbub.config.sources import FromEnvironment, FromFile, Reader, SettingRefused

__all__ = [
    "FromEnvironment",
    "FromFile",
    "Reader",
    "SettingRefused",
    "Settings",
]
