"""The embedded student's chat format: ChatML, with markers around what is trained.

Knows nothing of tasks or contracts.
"""

PAD = "<|pad|>"
START = "<|im_start|>"
END = "<|im_end|>"
SPECIAL_TOKENS = (PAD, START, END)

# The answer and its end token are between the markers, so that a tool that masks by markers trains
# exactly what our own prefix rule trains (a test compares the two).
CHATML = (
    "{% for message in messages %}"
    "{{ '" + START + "' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '" + END + "' }}{% endgeneration %}{{ '\n' }}"
    "{% else %}"
    "{{ message['content'] + '" + END + "\n' }}"
    "{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '" + START + "assistant\n' }}{% endif %}"
)
