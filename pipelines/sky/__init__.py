"""The sky: its smooth background, the objects on it, and the frame that shows how evenly it is seen."""

from pipelines.sky.background import Background, fit_background, measure_background
from pipelines.sky.frame import average_sky, exposure_scale, focal_plane_levels, relative_sky, sky_image
from pipelines.sky.objects import UNUSABLE, detect, grown, mask_objects

__all__ = ["UNUSABLE", "Background", "average_sky", "detect", "exposure_scale", "fit_background"]
__all__ += ["focal_plane_levels", "grown", "mask_objects", "measure_background", "relative_sky", "sky_image"]
