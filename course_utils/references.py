"""What the course leans on: each paper, page and data set once, with authors, year and venue.

The rooms "Sources" of the chapters, the sources in the catalogue and the page `notebooks/references.md` are all made
from here, so they can't disagree.
"""

import re
from dataclasses import dataclass
from string import Formatter

from course_utils.texts import _

INITIALS = re.compile(r"^(?:\S*\.\s+)+")
AND_OTHERS = " and others"  # at the end of `authors` where there are more, as in BibTeX


@dataclass(frozen=True)
class Reference:
    """A paper, a book, a page or a data set.

    Args:
        authors: as "X. Glorot, Y. Bengio"; "" where nobody is named.
        year: of the publication; "" where there is none, as for documentation.
        title: in sentence case.
        venue: where it appeared, or where it is.
        arxiv: its number there, "" for none.
    """

    authors: str
    year: str
    title: str
    venue: str
    arxiv: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names without initials, as a text cites them: ("Glorot", "Bengio"), ("Gemma Team",)."""
        people = self.authors.removesuffix(AND_OTHERS).split(", ")
        return tuple(INITIALS.sub("", name) for name in people if name)

    def citation(self) -> str:
        """As a text cites it: "Glorot and Bengio 2010", "He and others 2015"; without a year its title."""
        if not self.year:
            return self.title
        if len(self.names) > 2 or self.authors.endswith(AND_OTHERS):
            return _("{name} and others {year}").format(name=self.names[0], year=self.year)
        return _(" and ").join(self.names) + f" {self.year}"

    def _people(self):
        return self.authors.replace(AND_OTHERS, _(" and others"))

    def text(self) -> str:
        """As one line of plain text."""
        parts = [self._people(), self.year, self.title, self.venue, self.arxiv and f"arXiv:{self.arxiv}"]
        return ", ".join(filter(None, parts))

    def markdown(self) -> str:
        """The same with the title in italics and a link to arXiv."""
        link = self.arxiv and f"[arXiv:{self.arxiv}](https://arxiv.org/abs/{self.arxiv})"
        return ", ".join(filter(None, [self._people(), self.year, f"*{self.title}*", self.venue, link]))


# One line a part would make it five screens.
# fmt: off
REFERENCES = {
    "alpaydin1998": Reference("E. Alpaydin, C. Kaynak", "1998", "Optical recognition of handwritten digits", "UCI Machine Learning Repository"),
    "article": Reference("", "", "TensorFlow 2.0 (7): activation functions", "a blog post in Chinese, 21 October 2019"),
    "ba2016": Reference("J. L. Ba, J. R. Kiros, G. E. Hinton", "2016", "Layer normalization", "a preprint", "1607.06450"),
    "bengio2013": Reference("Y. Bengio, N. Léonard, A. Courville", "2013", "Estimating or propagating gradients through stochastic neurons for conditional computation", "a preprint", "1308.3432"),
    "bridle1990": Reference("J. S. Bridle", "1990", "Probabilistic interpretation of feedforward classification network outputs, with relationships to statistical pattern recognition", "in Neurocomputing: Algorithms, Architectures and Applications, NATO ASI Series F 68, 227–236"),
    "clevert2016": Reference("D.-A. Clevert, T. Unterthiner, S. Hochreiter", "2016", "Fast and accurate deep network learning by exponential linear units (ELUs)", "ICLR", "1511.07289"),
    "cybenko1989": Reference("G. Cybenko", "1989", "Approximation by superpositions of a sigmoidal function", "Mathematics of Control, Signals, and Systems 2, 303–314"),
    "dauphin2017": Reference("Y. N. Dauphin, A. Fan, M. Auli, D. Grangier", "2017", "Language modeling with gated convolutional networks", "ICML, PMLR 70", "1612.08083"),
    "dehghani2023": Reference("M. Dehghani and others", "2023", "Scaling vision transformers to 22 billion parameters", "ICML, PMLR 202", "2302.05442"),
    "devlin2019": Reference("J. Devlin, M.-W. Chang, K. Lee, K. Toutanova", "2019", "BERT: pre-training of deep bidirectional transformers for language understanding", "NAACL", "1810.04805"),
    "dubey2022": Reference("S. R. Dubey, S. K. Singh, B. B. Chaudhuri", "2022", "Activation functions in deep learning: a comprehensive survey and benchmark", "Neurocomputing 503, 92–108", "2109.14545"),
    "elfwing2018": Reference("S. Elfwing, E. Uchibe, K. Doya", "2018", "Sigmoid-weighted linear units for neural network function approximation in reinforcement learning", "Neural Networks 107", "1702.03118"),
    "gemma2024": Reference("Gemma Team", "2024", "Gemma 2: improving open language models at a practical size", "a preprint", "2408.00118"),
    "gers2000": Reference("F. A. Gers, J. Schmidhuber, F. Cummins", "2000", "Learning to forget: continual prediction with LSTM", "Neural Computation 12(10), 2451–2471"),
    "glorot2010": Reference("X. Glorot, Y. Bengio", "2010", "Understanding the difficulty of training deep feedforward neural networks", "AISTATS, PMLR 9, 249–256"),
    "glorot2011": Reference("X. Glorot, A. Bordes, Y. Bengio", "2011", "Deep sparse rectifier neural networks", "AISTATS, PMLR 15, 315–323"),
    "guo2017": Reference("C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger", "2017", "On calibration of modern neural networks", "ICML, PMLR 70, 1321–1330", "1706.04599"),
    "hanin2019": Reference("B. Hanin, D. Rolnick", "2019", "Complexity of linear regions in deep networks", "ICML, PMLR 97", "1901.09021"),
    "he2015": Reference("K. He, X. Zhang, S. Ren, J. Sun", "2015", "Delving deep into rectifiers: surpassing human-level performance on ImageNet classification", "ICCV", "1502.01852"),
    "he2016": Reference("K. He, X. Zhang, S. Ren, J. Sun", "2016", "Deep residual learning for image recognition", "CVPR, 770–778", "1512.03385"),
    "hendrycks2016": Reference("D. Hendrycks, K. Gimpel", "2016", "Gaussian error linear units (GELUs)", "a preprint", "1606.08415"),
    "hochreiter1997": Reference("S. Hochreiter, J. Schmidhuber", "1997", "Long short-term memory", "Neural Computation 9"),
    "hornik1989": Reference("K. Hornik, M. Stinchcombe, H. White", "1989", "Multilayer feedforward networks are universal approximators", "Neural Networks 2, 359–366"),
    "howard2019": Reference("A. Howard and others", "2019", "Searching for MobileNetV3", "ICCV", "1905.02244"),
    "hubara2016": Reference("I. Hubara, M. Courbariaux, D. Soudry, R. El-Yaniv, Y. Bengio", "2016", "Binarized neural networks", "NIPS 29, 4107–4115", "1602.02830"),
    "ioffe2015": Reference("S. Ioffe, C. Szegedy", "2015", "Batch normalization: accelerating deep network training by reducing internal covariate shift", "ICML, PMLR 37, 448–456", "1502.03167"),
    "jacob2018": Reference("B. Jacob and others", "2018", "Quantization and training of neural networks for efficient integer-arithmetic-only inference", "CVPR, 2704–2713", "1712.05877"),
    "keras_activations": Reference("", "", "Keras's documentation of keras.activations", "keras.io/api/layers/activations"),
    "keras_sparsemax": Reference("", "", "The fault in keras.activations.sparsemax", "Keras's issue #23425 on GitHub, mended by pull request #23469"),
    "kingma2015": Reference("D. P. Kingma, J. Ba", "2015", "Adam: a method for stochastic optimization", "ICLR", "1412.6980"),
    "klambauer2017": Reference("G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter", "2017", "Self-normalizing neural networks", "NIPS 30, 971–980", "1706.02515"),
    "krizhevsky2010": Reference("A. Krizhevsky", "2010", "Convolutional deep belief networks on CIFAR-10", "an unpublished manuscript, as TensorFlow's documentation of tf.nn.relu6 cites it"),
    "krizhevsky2012": Reference("A. Krizhevsky, I. Sutskever, G. E. Hinton", "2012", "ImageNet classification with deep convolutional neural networks", "NIPS 25, 1097–1105"),
    "kunc2024": Reference("V. Kunc, J. Kléma", "2024", "Three decades of activations: a comprehensive survey of 400 activation functions for neural networks", "a preprint", "2402.09092"),
    "lecun1998": Reference("Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller", "1998", "Efficient BackProp", "in Neural Networks: Tricks of the Trade, LNCS 1524"),
    "leshno1993": Reference("M. Leshno, V. Y. Lin, A. Pinkus, S. Schocken", "1993", "Multilayer feedforward networks with a nonpolynomial activation function can approximate any function", "Neural Networks 6, 861–867"),
    "lippe": Reference("P. Lippe", "", "UvA deep learning tutorials, tutorial 3: activation functions", "uvadlc-notebooks.readthedocs.io"),
    "liu2025": Reference("Z. Liu and others", "2025", "KAN: Kolmogorov–Arnold networks", "ICLR; preprint 2024", "2404.19756"),
    "lord1968": Reference("F. M. Lord, M. R. Novick", "1968", "Statistical theories of mental test scores", "Addison-Wesley"),
    "lu2020": Reference("L. Lu, Y. Shin, Y. Su, G. E. Karniadakis", "2020", "Dying ReLU and initialization: theory and numerical examples", "Communications in Computational Physics 28, 1671–1706", "1903.06733"),
    "maas2013": Reference("A. L. Maas, A. Y. Hannun, A. Y. Ng", "2013", "Rectifier nonlinearities improve neural network acoustic models", "an ICML workshop"),
    "martins2016": Reference("A. F. T. Martins, R. F. Astudillo", "2016", "From softmax to sparsemax: a sparse model of attention and multi-label classification", "ICML, PMLR 48", "1602.02068"),
    "micikevicius2018": Reference("P. Micikevicius and others", "2018", "Mixed precision training", "ICLR", "1710.03740"),
    "misra2020": Reference("D. Misra", "2020", "Mish: a self regularized non-monotonic activation function", "BMVC; preprint 2019", "1908.08681"),
    "muller2019": Reference("R. Müller, S. Kornblith, G. Hinton", "2019", "When does label smoothing help?", "NeurIPS 32", "1906.02629"),
    "nair2010": Reference("V. Nair, G. E. Hinton", "2010", "Rectified linear units improve restricted Boltzmann machines", "ICML, 807–814"),
    "neftci2019": Reference("E. O. Neftci, H. Mostafa, F. Zenke", "2019", "Surrogate gradient learning in spiking neural networks", "IEEE Signal Processing Magazine 36(6), 51–63", "1901.09948"),
    "okabe2008": Reference("M. Okabe, K. Ito", "2008", "Color universal design: how to make figures and presentations that are friendly to colorblind people", "jfly.uni-koeln.de/color"),
    "ramachandran2017": Reference("P. Ramachandran, B. Zoph, Q. V. Le", "2017", "Searching for activation functions", "a preprint", "1710.05941"),
    "rumelhart1986": Reference("D. E. Rumelhart, G. E. Hinton, R. J. Williams", "1986", "Learning representations by back-propagating errors", "Nature 323, 533–536"),
    "saxe2014": Reference("A. M. Saxe, J. L. McClelland, S. Ganguli", "2014", "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", "ICLR", "1312.6120"),
    "shazeer2020": Reference("N. Shazeer", "2020", "GLU variants improve Transformer", "a preprint", "2002.05202"),
    "so2021": Reference("D. R. So, W. Mańke, H. Liu, Z. Dai, N. Shazeer, Q. V. Le", "2021", "Primer: searching for efficient Transformers for language modeling", "NeurIPS 34", "2109.08668"),
    "szegedy2016": Reference("C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna", "2016", "Rethinking the Inception architecture for computer vision", "CVPR, 2818–2826", "1512.00567"),
    "telgarsky2016": Reference("M. Telgarsky", "2016", "Benefits of depth in neural networks", "COLT, PMLR 49", "1602.04485"),
    "tensorflow_guide": Reference("", "", "TensorFlow's guide Multilayer perceptrons for digit recognition with Core APIs", "tensorflow.org/guide/core/mlp_core"),
    "tensorflow_mixed": Reference("", "", "TensorFlow's guide Mixed precision", "tensorflow.org/guide/mixed_precision"),
    "torch_linear": Reference("", "", "PyTorch's documentation of torch.nn.Linear", "docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html"),
    "touvron2023": Reference("H. Touvron and others", "2023", "LLaMA: open and efficient foundation language models", "a preprint", "2302.13971"),
    "vaswani2017": Reference("A. Vaswani and others", "2017", "Attention is all you need", "NIPS 30", "1706.03762"),
    "verhulst1838": Reference("P.-F. Verhulst", "1838", "Notice sur la loi que la population suit dans son accroissement", "Correspondance mathématique et physique 10, 113–121"),
    "verhulst1845": Reference("P.-F. Verhulst", "1845", "Recherches mathématiques sur la loi d'accroissement de la population", "Nouveaux mémoires de l'Académie royale des sciences et belles-lettres de Bruxelles 18"),
    "xiong2020": Reference("R. Xiong and others", "2020", "On layer normalization in the Transformer architecture", "ICML, PMLR 119", "2002.04745"),
    "zenke2018": Reference("F. Zenke, S. Ganguli", "2018", "SuperSpike: supervised learning in multilayer spiking neural networks", "Neural Computation 30(6), 1514–1541", "1705.11146"),
    "zhai2023": Reference("S. Zhai and others", "2023", "Stabilizing Transformer training by preventing attention entropy collapse", "ICML, PMLR 202", "2303.06296"),
    "zhang2019": Reference("B. Zhang, R. Sennrich", "2019", "Root mean square layer normalization", "NeurIPS 32", "1910.07467"),
}
# fmt: on


@dataclass(frozen=True)
class Cited:
    """A sentence with references in it, `"Studied in {glorot2011}"`. `str()` spells them out.

    >>> print(cited("As swish: {ramachandran2017}").short())
    As swish: Ramachandran and others 2017

    Args:
        sentence: with the keys of references in braces.
    """

    sentence: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of `REFERENCES` in it, in their order."""
        return tuple(key for _text, key, _format, _conversion in Formatter().parse(self.sentence) if key)

    def __str__(self):
        return self.sentence.format_map({key: REFERENCES[key].text() for key in self.keys})

    def short(self) -> str:
        """With citations in place of whole references."""
        return self.sentence.format_map({key: REFERENCES[key].citation() for key in self.keys})


def cited(sentence: str) -> Cited:
    """A `Cited` whose references are all known.

    Raises:
        KeyError: there is no such reference.
    """
    made = Cited(sentence)
    str(made)
    return made
