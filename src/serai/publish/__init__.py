"""Charts, the site and the brief."""

from serai.publish.site import SiteReport, build_site

__all__ = ["SiteReport", "build_site"]
