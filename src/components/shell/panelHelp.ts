import type { PanelId } from '../../lab/state/pageParts.ts';

/** Help text of each panel: what it shows and what a person can do. */
export const panelHelp: Record<PanelId, string> = {
  train:
    'Loss and accuracy of every training batch, and of the test set after every epoch. Drag in the chart to zoom, double-click to see all. Most settings act at once; those marked “after a reset” need a new run.',
  filters:
    'The weights of the chosen layer. The first convolution: one map per filter; point at a weight for its value; click a filter, or press Enter on it, to see how its weights have changed. Compare shows the filters at the timeline’s moment (or at the start, while live) beside the current filters. A deeper convolution, or a linear layer behind maps: the norm of every slice, a row per filter and a column per channel, with one filter enlarged slice by slice. A linear layer on the image: its weights as images. Other linear layers: every weight as a cell. The filters of a compared run (chosen in the list of runs) appear beside them.',
  confusion:
    'The confusion matrix of the test set: rows are true digits, columns are the network’s predictions. Click a cell, or press Enter on it, to see its images. While the timeline moves, the panel shows saved results, or the last result, dimmed, with its step.',
  gallery:
    'Every image of the data set, filtered by digit, by index, or by whether the network is wrong. Drag an image to a panel, or click it for its menu; arrow keys move between images.',
  activations:
    'Draw a digit, drop, paste or choose a picture, or bring an image from the page; beside it is the image that the network sees. Below a picture are the steps to it: the paper’s level, what was set aside (frame, lines, specks) and the ink. If a step is wrong, set the ink by hand or crop; if the picture has several digits, choose one. Layers of maps are shown as maps, layers of units as bars. Point at an activation to see how it is computed: the window over all channels and the filter, the pool’s winner, or the largest contributions to a linear unit. Pin images to compare them.',
  spectrum:
    'Singular values and principal components of a layer’s activations, and on request the number of directions that matter at every layer. Point at an image to preview it; click it to open it in Activations. While the timeline moves, saved results follow; other results are dimmed until it stops.',
  geometry:
    'Manifold capacity, radius, dimension and center correlation of the classes, against the layers and against training. By default the layers are the input, the output of every ReLU and pool, and the logits; each layer’s size and time are beside its name. “From layer to layer” shows capacity and dimension, untrained and trained, in one chart that can be saved. They are computed beside training while this panel is in view, starting with the moment shown; Cancel stops at once. The default images are the notebook’s. Each ± follows its figure and comes from other images of the same classes. “Tangled or untangled?” compares two moments on the same images and gives a verdict only where the change is larger than its 95 % interval. Below are the directions that were removed, the remaining norm of each class’s center, and the theory’s capacity beside the capacity measured by simulation. Figures are saved with their run; a compared run’s figures are dashed and hollow.',
  metamers:
    'Starting from noise, the pixels change until a layer responds as it does to the reference. Drag any image in, choose layers, and make metamers; drag the bar to see every step, with both activations and their difference. An image counts as a metamer only if its match is far above that of different images and its class is the same. A second network, from another seed, moment, file or compared run, can judge the same images and make its own metamers.',
  adversarial:
    'Drag epsilon to attack an image live; the result is judged on the exact pixels and as saved in an 8-bit file. Charts show accuracy against epsilon over many test images, and accuracy under attack at every snapshot of the run. Drag any image in. The Train panel can train on attacked images, which makes the network resist attacks and makes its late metamers look more like their reference.',
};
