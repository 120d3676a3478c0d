/** Whether this page stands in the frame of another website; its addresses begin with /embed then. */
export const embedded = location.pathname.startsWith('/embed/');
