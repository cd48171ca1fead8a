"""The unit's own looks: its logo, judged once when the server starts, and its colours."""

from functools import cache
from pathlib import Path

from aiohttp import web

from fenhe_client.looks import style_sheet
from fenhe_node.attaching.judged import CONTENT_TYPES, kind_of
from fenhe_node.settings.site import SiteSettings
from fenhe_node.web.problem import not_found
from fenhe_node.web.serving import SERVING, Looks
from fenhe_protocol.errors import InputError, SetupError


def load_looks(home: Path, settings: SiteSettings) -> Looks:
    """Read and judge the logo; SetupError `site.logo`."""
    if not settings.logo:
        return Looks(style=_style(settings))
    file = (home / settings.logo).resolve()
    if not file.is_relative_to(home.resolve()):
        raise SetupError("site.logo", where="site.logo", expected=str(home), found=settings.logo)
    try:
        data = file.read_bytes()
        kind = kind_of(data, ("png", "jpg"))
    except OSError as error:
        raise SetupError("site.logo", where="site.logo", found=str(error)) from error
    except InputError as error:
        raise SetupError("site.logo", where="site.logo", found=str(error)) from error
    return Looks(f"logo.{kind}", data, CONTENT_TYPES[kind], _style(settings))


def _style(settings: SiteSettings) -> str:
    colours = (
        f":root {{ --accent: {settings.accent}; --accent-ground: {settings.tint};"
        f" --band: {settings.band}; }}\n"
    )
    return _sheet() + colours


@cache
def _sheet() -> str:
    return style_sheet("fenhe_node", "static/style.css")


async def style(request: web.Request) -> web.Response:
    """`/style.css`: the one style sheet, with the unit's colours at its end."""
    headers = {"Cache-Control": "max-age=3600"}
    text = request.app[SERVING].looks.style
    return web.Response(text=text, content_type="text/css", headers=headers)


async def logo(request: web.Request) -> web.Response:
    """`/logo.png` or `/logo.jpg`."""
    looks = request.app[SERVING].looks
    if request.path.rpartition("/")[2] != looks.logo or not looks.logo:
        raise not_found()
    headers = {"Cache-Control": "max-age=3600"}
    return web.Response(body=looks.logo_data, content_type=looks.logo_type, headers=headers)
