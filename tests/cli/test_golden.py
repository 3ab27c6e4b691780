"""What people read, kept as it was: a change here is to be seen and meant."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from eigenscale.cli.app import main
from eigenscale.reporting import example

COMMANDS = {
    "theory.txt": "theory --alpha 0.5 --latent-dim 1e6 --features 100,1000 --samples 500 --ridge 1",
    "simulate.txt": "simulate --alpha 0.5 --latent-dim 200 --features 40 --samples 80 --draws 16",
    "plan.txt": "plan --constants besiroglu --flops 1e21,5.76e23",
    "fit.txt": f"fit {example.RUNS} --holdout 0.2 --bootstrap 200",
    "spectrum.txt": "spectrum digits.npy",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_text(name, golden, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("digits.npy", load_digits().data)
    assert main(COMMANDS[name].split()) == 0
    golden(name, capsys.readouterr().out.replace(str(example.RUNS), "photographs.csv"))
