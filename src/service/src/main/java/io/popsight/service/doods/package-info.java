/**
 * The door for DOODS' clients (Home Assistant's integration, scripts): photos as base64 in JSON,
 * boxes as shares of the photo, confidences in percent.
 */
@NullMarked
package io.popsight.service.doods;

import org.jspecify.annotations.NullMarked;
