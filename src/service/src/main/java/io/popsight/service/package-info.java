/**
 * The service and the commands that share its way from a photo to an answer. Start at {@link
 * io.popsight.service.Popsight}.
 */
@NullMarked
package io.popsight.service;

import org.jspecify.annotations.NullMarked;
