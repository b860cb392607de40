"""The settings: declared once, read from flags, environment and file, checked at the start."""

from hubbub.config.kinds import Whole
from hubbub.config.settings import Settings, to_hub_settings, to_options
from hubbub.config.sources import FromEnvironment, FromFile, Reader, SettingRefused

__all__ = [
    "FromEnvironment",
    "FromFile",
    "Reader",
    "SettingRefused",
    "Settings",
    "Whole",
    "to_hub_settings",
    "to_options",
]
