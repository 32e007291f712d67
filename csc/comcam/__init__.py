"""ComCam: the commissioning camera with its filter changer, and what becomes of an image."""
