"""Reads the settings from flags, environment and file, and checks them at the start."""

from hubbub.config.settings import Settings
from hubbub.config.sources import FromEnvironment, FromFile, Reader, SettingRefused

__all__ = [
    "FromEnvironment",
    "FromFile",
    "Reader",
    "SettingRefused",
    "Settings",
]
