"""Weather stations: wind, humidity, dew point, temperature and rain."""
