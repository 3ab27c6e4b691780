"""How sure a fit is: resampling, profiles, the delta method, identifiability, sensitivity."""
