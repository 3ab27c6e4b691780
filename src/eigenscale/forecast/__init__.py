"""Forecasting: learning curves of your own data, before more is collected or trained."""

from eigenscale.forecast.door import forecast as forecast
