/// A text for timing: how fast a token is decoded hangs on how sure the model is of the next one, and of
/// tokens in no order it is not.
enum BenchText {
    static let english = """
        The ferry left the harbour a little after six, when the lamps along the quay were still lit and the gulls had not \
        yet begun to quarrel over the nets. Marta stood at the rail with her collar turned up and counted the islands as they \
        came out of the haze, the way her grandfather had taught her: first the low one with the lighthouse, then the two that \
        look like sleeping dogs, and last of all the long grey back of the one where he had been born. Nobody had lived there \
        for thirty years. The roofs had fallen in, the wells were full of leaves, and the only path that was still open ran from \
        the landing stage to the church, because once a year somebody came to ring the bell.

        She had brought a notebook, a thermos of tea and a small hammer. The letter from the museum said that the stones above \
        the north door might carry an inscription, and that a rubbing would be enough; photographs, it went on, were useless in \
        that light. What it did not say was why, after so long, anyone should care. On the crossing she read it again and again, \
        as if a reason could be found between the lines. The mate, a broad man with a burnt face, asked whether she was a \
        teacher. No, she said, she repaired clocks. He laughed and told her that out there she would find only one, and that it \
        had stopped before the war.

        By noon the wind had gone round to the west and the water was the colour of slate. They put her ashore with a promise to \
        return before dark, and she watched the boat grow smaller until it was no more than a mark on the sea. Then she walked up \
        through the nettles. The church was smaller than she remembered. Swallows flew in and out of the broken window, and in \
        the tower, behind a door that gave way at the second push, stood the clock: four wheels of iron, a pendulum as long as a \
        man, and a face without hands. Someone had wrapped the weights in cloth, carefully, as one puts away something that will \
        be needed again. She sat down on the step and thought about that for a while. A machine of this kind loses perhaps two \
        minutes in a day; to keep it right you must climb up every morning, listen, and move the bob by the width of a hair. Who \
        had done that, and for whom?

        The inscription turned out to be a list of names with a number beside each. She copied them in pencil, twenty-three in \
        all, and noticed only at the end that the numbers were not years. They were hours and minutes. The last one on the list \
        was her own grandfather's, and beside it stood a quarter past four. She looked at her watch, then at the sky, then at \
        the pendulum, and since there was nothing else to do until the boat came back, she took off her coat, unwrapped the \
        weights and began to clean the first wheel.
        """
}
