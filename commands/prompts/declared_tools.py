"""The names of all tools this installation offers, without opening a database, an ERP or a network."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from plugins.manager import build_plugin_host
from settings import Settings
from tools.catalog.tools import build_catalog_tools
from tools.history.tools import build_history_tools
from tools.sales.after_sale_tools import build_after_sale_tools
from tools.sales.checkout_tools import build_checkout_tools
from tools.sales.discount_tool import build_discount_tools
from tools.sales.promises import build_promise_tools
from tools.sales.tools import build_sales_tools
from tools.verses.tools import build_verse_tools


def declared_tool_names(settings: Settings) -> list[str]:
    """Built-in and plugin tools, as `novo serve` would offer them. Raises PluginError."""
    # Declaring a tool touches nothing of what it will stand on; only running it would.
    nothing = cast(Any, None)
    built_in = [
        *build_catalog_tools(nothing, nothing, nothing),
        *build_history_tools(nothing),
        *build_sales_tools(nothing, nothing, nothing),
        *build_discount_tools(nothing, nothing),
        *build_checkout_tools(nothing),
        *build_after_sale_tools(nothing),
        *build_promise_tools(nothing, nothing, nothing),
        *build_verse_tools(nothing),
    ]
    names = [tool.name for tool in built_in]
    folder = settings.plugins_dir or settings.data_dir / "plugins"
    plugins = build_plugin_host(folder=folder if folder.is_dir() else None)
    return [*names, *(tool.name for tool in asyncio.run(plugins.tools(taken=names)))]
