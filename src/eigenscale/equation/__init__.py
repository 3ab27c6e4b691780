"""The one equation (★): z(g) modes resolved, ζ = g (1 − z/N)(1 − z/T), and its root.

The theory of the loss and the theory of finite-sample spectra both stand on this root, so it
lies below both: real and complex ridges, edges and density of the spectrum of φφᵀ/T.
"""
