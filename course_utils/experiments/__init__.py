"""Experiments that a chapter runs: functions that return result objects with plain arrays and `.plot(ax=None)`."""

from importlib import import_module

_HOME = {
    "gradient_flow": "gradients",
    "plot_gradient_flows": "gradients",
    "train_on_digits": "training",
    "plot_trainings": "training",
    "binary_losses": "losses",
    "class_losses": "losses",
    "curves_of_softmax": "shares",
    "move_score": "shares",
    "move_temperature": "shares",
    "softmax_slopes": "shares",
    "plot_triangle": "triangle",
    "plot_softmax_paths": "triangle",
    "first_losses": "losses",
    "output_mistakes": "endings",
    "train_output": "endings",
    "moons": "endings",
    "meet_strangers": "strangers",
    "every_float": "precision",
    "float_ends": "precision",
    "dead_units": "dying",
    "plot_dead_units": "dying",
    "revival": "dying",
    "stuck_unit": "dying",
    "firing": "untrained",
    "dead_at_start": "untrained",
    "dead_by_layer": "untrained",
    "plot_dead_by_layer": "untrained",
    "share_of_zeros": "sparsity",
    "steps_to_learn": "learning_speed",
    "linear_stack": "affine",
    "affine_share": "affine",
    "untrained_affine_shares": "affine",
    "plot_random_networks": "affine",
    "learn_spirals": "boundaries",
    "plot_boundaries": "boundaries",
    "broken_line": "hinges",
    "hinge_fit": "hinges",
    "plot_hinge_fit": "hinges",
    "random_units": "hinges",
    "plot_random_units": "hinges",
    "layer_movement": "movement",
    "train_cousins": "cousins",
    "offset_by_depth": "cousins",
    "plot_offsets": "cousins",
    "plot_three_moves": "cousins",
    "shift_inputs": "valleys",
    "plot_valleys": "valleys",
    "scale_weights": "weight_scales",
    "diagnose": "diagnostics",
    "report_card": "cards",
    "patient": "patients",
    "race": "races",
    "compare_outputs": "outputs",
    "activation_costs": "costs",
    "activation_memory": "memory",
    "random_pieces": "regions",
    "folded_hat": "regions",
    "plot_folded_hat": "regions",
    "start_grid": "starts",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"course_utils.experiments.{_HOME[name]}"), name)
    raise AttributeError(
        f"module 'course_utils.experiments' has no attribute {name!r}; it offers: {', '.join(__all__)}"
    )


def __dir__():
    return [*globals(), *__all__]
