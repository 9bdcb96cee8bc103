import type { PanelId } from '../../lab/state/pageParts.ts';

/** What each panel shows and what can be done there. */
export const panelHelp: Record<PanelId, string> = {
  train:
    'Loss and accuracy of every training batch, and of the test set after every epoch. Drag in the chart to zoom, double-click to see all. Settings change the run as it goes; those marked “after a reset” start a new one.',
  filters:
    'The weights of the convolution, one map per filter. Point at a weight for its value; click a filter, or press Enter on it, to see how its weights have changed. Compare sets the filters at the timeline’s moment (at the start, while that is live) beside those of now. A run that is compared (in the list of runs) shows its own beside them.',
  confusion:
    'The confusion matrix of the test set: a row is what the images are, a column what the network reads. Click a cell, or press Enter on it, to see its images. While the timeline moves, it shows the result that is kept, or the last one, dimmed, with its own step.',
  gallery:
    'Every image of the data set, filtered by digit, by index, or by whether the network gets it wrong. Drag an image to a panel, or click it for its menu; arrow keys move from one to the next.',
  activations:
    'Draw a digit, drop, paste or choose a picture, or bring an image from the page; beside it is what the network really sees. Point at an activation for the window, the filter and the sum that give it. Pin images to compare them.',
  spectrum:
    'Singular values and principal components of a layer’s activations. Point at an image for a look, click it to open it in Activations. While the timeline moves, kept results follow it; others are dimmed until it rests.',
  geometry:
    'Manifold capacity, radius, dimension and center correlation of the classes, against the layers and against training. It is computed beside training while this panel is in view, the shown moment first; Cancel ends it at once. The images are the notebook’s own unless you choose others. Figures come first; their ± follows, from other images of the same classes. “Tangled or untangled?” compares two moments on the same images and gives a verdict only where the change is larger than its 95 % interval. Below, the directions that were removed, what is left of each class’s center, and the theory’s capacity beside the one measured by simulation. Figures stay with their run; those of a compared run are drawn dashed and hollow.',
  metamers:
    'From noise, pixels are changed until a layer answers as it does to the reference. Drag any image in, choose layers, and run; drag the bar to see every step, with both activations and their difference. It is called a metamer only when its match is far outside that of different images and the class is the same. A second network, of another seed, moment or file, or a compared run’s, can judge the same images and make its own.',
  adversarial:
    'One image attacked live as epsilon is dragged, judged on the exact pixels and as an 8-bit file would hold them; the accuracy against epsilon over many test images, and at every snapshot of the run. Drag any image in. The Train panel can train on attacked images: then the network resists, and its late metamers look more like their reference.',
};
