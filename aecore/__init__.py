"""Autoencoder Lab's library: MNIST, noise, networks, training runs and what is measured on them."""
