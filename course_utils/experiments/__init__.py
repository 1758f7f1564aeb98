"""The measurements that a chapter runs: functions that return result objects with plain arrays and `.plot(ax=None)`.

Imports activations, plotting, texts.
"""

from course_utils import load

_HOME = {
    "gradient_flow": "gradients.gradient_flow",
    "plot_gradient_flows": "gradients.gradient_flow",
    "digits": "training.networks",
    "plot_digits": "training.networks",
    "train_on_digits": "training.digits",
    "plot_trainings": "training.digits",
    "binary_losses": "output_layers.losses",
    "class_losses": "output_layers.losses",
    "curves_of_softmax": "softmax.softmax_shares",
    "move_score": "softmax.softmax_shares",
    "move_temperature": "softmax.softmax_shares",
    "softmax_slopes": "softmax.softmax_shares",
    "plot_triangle": "softmax.simplex",
    "plot_softmax_paths": "softmax.simplex",
    "first_losses": "output_layers.losses",
    "output_mistakes": "output_layers.mistakes",
    "train_output": "output_layers.mistakes",
    "moons": "output_layers.mistakes",
    "out_of_distribution": "softmax.out_of_distribution",
    "calibration": "softmax.calibration",
    "reliability_table": "softmax.calibration",
    "plot_reliability": "softmax.calibration",
    "every_float": "floating_point.float_limits",
    "float_ends": "floating_point.float_limits",
    "dead_units": "relu.dead_units",
    "plot_dead_units": "relu.dead_units",
    "revival": "relu.dead_units",
    "firing": "relu.untrained",
    "dead_at_start": "relu.untrained",
    "dead_by_layer": "relu.untrained",
    "dead_before_and_after": "relu.untrained",
    "plot_dead_by_layer": "relu.untrained",
    "share_of_zeros": "relu.sparsity",
    "steps_to_learn": "training.steps_to_learn",
    "linear_stack": "linearity.affine",
    "affine_share": "linearity.affine",
    "untrained_affine_shares": "linearity.affine",
    "plot_random_networks": "linearity.affine",
    "learn_spirals": "linearity.decision_boundaries",
    "plot_boundaries": "linearity.decision_boundaries",
    "broken_line": "piecewise_linear.hinges",
    "hinge_fit": "piecewise_linear.hinges",
    "plot_hinge_fit": "piecewise_linear.hinges",
    "random_units": "piecewise_linear.hinges",
    "plot_random_units": "piecewise_linear.hinges",
    "layer_updates": "gradients.layer_updates",
    "layer_histograms": "gradients.layer_histograms",
    "train_variants": "tanh.sigmoid_tanh_ablation",
    "variants_at_best_rates": "tanh.sigmoid_tanh_ablation",
    "offset_by_depth": "tanh.sigmoid_tanh_ablation",
    "plot_offsets": "tanh.sigmoid_tanh_ablation",
    "plot_three_moves": "tanh.sigmoid_tanh_ablation",
    "shift_inputs": "tanh.conditioning",
    "plot_valleys": "tanh.conditioning",
    "scale_weights": "initialisation.weight_scales",
    "spread_of_sums": "initialisation.weight_scales",
    "diagnose": "diagnosis.diagnostics",
    "report_card": "report_cards.card",
    "faulty_network": "diagnosis.faulty_networks",
    "settings_of": "diagnosis.faulty_networks",
    "race": "training.races",
    "compare_fairly": "training.fair_comparison",
    "compare_outputs": "output_layers.comparison",
    "activation_costs": "cost.time_cost",
    "activation_memory": "cost.memory_cost",
    "random_pieces": "piecewise_linear.regions",
    "folded_hat": "piecewise_linear.regions",
    "plot_folded_hat": "piecewise_linear.regions",
    "start_grid": "initialisation.start_grid",
    "deep_start": "todays_networks.residual",
    "train_deep": "todays_networks.residual",
    "attention_by_size": "todays_networks.attention",
    "train_attention": "todays_networks.attention",
    "weights_table": "todays_networks.gated_units",
    "compare_units": "todays_networks.gated_units",
    "learn_shapes": "todays_networks.learned",
    "compare_steps": "todays_networks.steps",
    "compare_bits": "todays_networks.steps",
    "half_gradients": "todays_networks.half_precision",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(load(f"experiments.{_HOME[name]}"), name)
    raise AttributeError(
        f"module 'course_utils.experiments' has no attribute {name!r}; it offers: {', '.join(__all__)}"
    )


def __dir__():
    return [*globals(), *__all__]
