/**
 * The door for cameras: the vision protocol of DeepStack and CodeProject.AI, so that their clients
 * (Frigate, Blue Iris, Node-RED, Home Assistant) need no change. Labels are COCO's, which those
 * clients know.
 */
@NullMarked
package io.popsight.service.deepstack;

import org.jspecify.annotations.NullMarked;
